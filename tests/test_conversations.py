"""Conversations of readers with the real program, in four languages, over the local Telegram."""

from __future__ import annotations

import asyncio

import pytest

from bot.languages import Languages
from bot.web.botapi import ChatMessage, LocalBotApi

from .conftest import Chat, eventually

LETTERS = ("kk", "ru", "en", "fa")
QUESTIONS = {
    "kk": ("Пана сұрап неше күнде өтініш беру керек?", "күнтізбелік 5 күн"),
    "ru": ("За сколько дней надо попросить убежище?", "5 календарных дней"),
    "en": ("How soon must I apply for asylum?", "5 calendar days"),
    "fa": ("در ظرف چند روز باید درخواست پناهندگی بدهم؟", "۵ روز تقویمی"),
}


def datas(message: ChatMessage) -> list[str]:
    return [button["callback_data"] for button in message.buttons if "callback_data" in button]


async def test_first_contact_greets_in_all_four_languages(chat: Chat, spoken: Languages) -> None:
    person = chat.person("fa-IR")
    person.start()
    greeting = await person.reply()
    for language in spoken:
        assert (
            language.say("Answers for refugees and asylum-seekers in Kazakhstan. Choose your language:")
            in greeting.text
        )
    assert datas(greeting)[:4] == ["fa_set_home", "kk_set_home", "ru_set_home", "en_set_home"], "the phone only orders"
    assert [button["text"] for button in greeting.buttons[:4]] == ["دری", "Қазақша", "Русский", "English"]
    assert "112" in greeting.text


@pytest.mark.parametrize("tag", ["", "de", "uz-Latn"])
async def test_an_unknown_phone_gets_the_usual_order(chat: Chat, tag: str) -> None:
    person = chat.person(tag)
    person.start()
    assert datas(await person.reply())[:4] == ["kk_set_home", "ru_set_home", "en_set_home", "fa_set_home"]


@pytest.mark.parametrize("letters", LETTERS)
async def test_choose_browse_and_read(chat: Chat, spoken: Languages, letters: str) -> None:
    language = spoken[letters]
    person = await chat.newcomer(letters)
    assert language.say("Choose a topic, or write your question in your own words.") in person.last.text
    for press in (f"{letters}_topic_asylum", f"{letters}_topic_asylum_refusal", f"{letters}_asylum_appeal"):
        person.tap(press)
        await chat.settled()
    assert len([one for one in person.messages if one.from_bot]) == 1, "one message is edited in place"
    answer = person.last
    assert language.say("Who can help") in answer.text
    assert any("copy_text" in button for button in answer.buttons)
    assert f"{letters}_home" in datas(answer)
    assert f"{letters}_sos" in datas(answer)


@pytest.mark.parametrize("letters", LETTERS)
async def test_a_typed_question_gets_a_new_message_with_the_answer(chat: Chat, letters: str) -> None:
    person = await chat.newcomer(letters)
    question, limit = QUESTIONS[letters]
    person.write(question)
    answer = await person.reply()
    assert limit in answer.text
    assert len([one for one in person.messages if one.from_bot]) == 2


async def test_a_deep_link_waits_for_the_choice_of_a_language(chat: Chat) -> None:
    person = chat.person("ru")
    person.start("asylum_appeal")
    assert datas(await person.reply())[:2] == ["ru_set_asylum_appeal", "kk_set_asylum_appeal"]
    person.tap("fa_set_asylum_appeal")
    await chat.settled()
    assert "۱ ماه" in person.last.text


async def test_the_language_of_a_link_suggests_and_the_readers_choice_decides(chat: Chat) -> None:
    newcomer = chat.person("ru")
    newcomer.start("fa_asylum_appeal")
    assert datas(await newcomer.reply())[:2] == ["fa_set_asylum_appeal", "ru_set_asylum_appeal"]
    reader = await chat.newcomer("en")
    reader.start("fa_asylum_appeal")
    assert "1 month" in (await reader.reply()).text


async def test_show_also_in_another_language_keeps_the_chosen_one(chat: Chat, spoken: Languages) -> None:
    person = await chat.newcomer("fa")
    person.write("/start asylum_appeal")
    await person.reply()
    person.tap("Русский")
    await chat.settled()
    assert spoken["ru"].say("Who can help") in person.last.text
    assert any(spoken["fa"].say("All topics") in button["text"] for button in person.last.buttons)
    person.tap("دری")
    await chat.settled()
    assert spoken["fa"].say("Who can help") in person.last.text


@pytest.mark.parametrize("letters", LETTERS)
@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/help", "These commands work at any time:"),
        ("/topics", "Choose a topic, or write your question in your own words."),
        ("/privacy", "Telegram itself sees this chat and keeps it. So does anyone who holds your phone."),
        ("/about", "About Pana"),
        ("/emergency", "Emergency"),
        ("/start", "Choose a topic, or write your question in your own words."),
        ("/language", "Choose your language:"),
    ],
)
async def test_commands(chat: Chat, spoken: Languages, letters: str, command: str, said: str) -> None:
    person = await chat.newcomer(letters)
    person.write(command)
    assert spoken[letters].say(said) in (await person.reply()).text


async def test_emergency_needs_no_language(chat: Chat) -> None:
    person = chat.person()
    person.write("/emergency")
    message = await person.reply()
    assert message.text.count("102") >= 4
    assert {"kk_set_sos", "ru_set_sos", "en_set_sos", "fa_set_sos"} <= set(datas(message))
    assert any("copy_text" in button for button in message.buttons)


async def test_a_question_before_any_choice_is_answered_in_its_own_language(chat: Chat) -> None:
    person = chat.person("en")
    person.write(QUESTIONS["fa"][0])
    assert QUESTIONS["fa"][1] in (await person.reply()).text


async def test_nonsense_before_any_choice_gets_the_choice(chat: Chat, spoken: Languages) -> None:
    person = chat.person("en")
    person.write("gjkhgf dfghj")
    said = spoken["ru"].say("Answers for refugees and asylum-seekers in Kazakhstan. Choose your language:")
    assert said in (await person.reply()).text


@pytest.mark.parametrize("letters", LETTERS)
async def test_no_answer_is_said_honestly(chat: Chat, spoken: Languages, letters: str) -> None:
    person = await chat.newcomer(letters)
    person.write("gjkhgf dfghj")
    message = await person.reply()
    assert spoken[letters].say("I have no answer to this question.") in message.text
    assert f"{letters}_sos" in datas(message)
    assert f"{letters}_topic_asylum" in datas(message)


@pytest.mark.parametrize("letters", LETTERS)
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("photo", "Please do not send documents or photos here. Nothing was kept. Write your question in words."),
        ("document", "Please do not send documents or photos here. Nothing was kept. Write your question in words."),
        ("voice", "I cannot listen to voice messages. Nothing was kept. Please write your question in words."),
        ("sticker", "I understand only words. Please write your question."),
        (
            "contact",
            "I do not use telephone numbers of people, and nothing was kept. Please write your question in words.",
        ),
        ("location", "I do not use your location, and it was not kept. Please write your question in words."),
    ],
)
async def test_what_is_no_text_gets_a_calm_sentence(
    chat: Chat, spoken: Languages, letters: str, kind: str, said: str
) -> None:
    person = await chat.newcomer(letters)
    person.send(kind)
    assert spoken[letters].say(said) in (await person.reply()).text
    assert not chat.api.called("getFile"), "nothing of it is fetched"


@pytest.mark.parametrize(
    "data", ["zz_nothing_here", "ru_asylum_never-was", "ru_topic_gone", "v1|x", "ru_asylum_appeal_in_xx"]
)
async def test_an_old_button_opens_home_and_says_so(chat: Chat, spoken: Languages, data: str) -> None:
    person = await chat.newcomer("ru")
    person.press(person.last.id, data, stale=True)
    await chat.settled()
    assert spoken["ru"].say("This button or link is too old or was cut off. Here are all topics.") in person.last.text


async def test_a_broken_deep_link_opens_home_and_says_so(chat: Chat, spoken: Languages) -> None:
    person = await chat.newcomer("fa")
    person.write("/start ../../etc/passwd")
    assert (
        spoken["fa"].say("This button or link is too old or was cut off. Here are all topics.")
        in (await person.reply()).text
    )


async def test_what_a_stranger_typed_as_a_payload_is_carried_nowhere(chat: Chat) -> None:
    newcomer, reader = chat.person(), await chat.newcomer("ru")
    for payload in ("my-name_john", f"{'a' * 31}_{'b' * 32}", f"lang_{'a' * 28}_{'b' * 30}"):
        for person in (newcomer, reader):
            person.start(payload)
            message = await person.reply()
            assert all(len(data) <= 64 and "john" not in data and "aaa" not in data for data in datas(message))


async def test_pressing_the_same_button_twice_is_no_error(chat: Chat) -> None:
    person = await chat.newcomer("en")
    person.tap("en_help")
    await chat.settled()
    person.press(person.last.id, "en_help", stale=True)
    await chat.settled()
    assert len(person.answers) == 3, "every press is answered"


async def test_a_press_that_is_too_old_is_no_error(chat: Chat) -> None:
    person = await chat.newcomer("en")
    chat.api.callback_lifetime = -1
    person.tap("en_help")
    await chat.settled()
    assert "Help" in person.last.text


async def test_a_message_that_was_deleted_comes_anew(chat: Chat) -> None:
    person = await chat.newcomer("en")
    chat.api.fail_next("editMessageText", 400, "Bad Request: message to edit not found")
    person.tap("en_help")
    await chat.settled()
    assert len([one for one in person.messages if one.from_bot]) == 2


async def test_a_button_teaches_the_language_after_a_restart(chat: Chat, spoken: Languages) -> None:
    person = await chat.newcomer("fa")
    chat.pana.chosen.forget(person.chat_id)
    person.tap("fa_help")
    await chat.settled()
    person.write("/about")
    assert spoken["fa"].say("About Pana") in (await person.reply()).text


async def test_an_edited_question_is_asked_again(chat: Chat) -> None:
    person = await chat.newcomer("en")
    mine = person.write("gjkhgf dfghj")
    await person.reply()
    person.edit(mine.id, QUESTIONS["en"][0])
    assert QUESTIONS["en"][1] in (await person.reply()).text


async def test_a_blocked_bot_forgets_and_ends_quietly(chat: Chat) -> None:
    person = await chat.newcomer("en")
    person.block()
    await chat.settled()
    assert chat.pana.chosen[person.chat_id] is None


async def test_blocking_in_the_middle_of_an_answer_is_quiet(chat: Chat) -> None:
    person = await chat.newcomer("en")
    chat.api.fail_next("sendMessage", 403, "Forbidden: bot was blocked by the user")
    person.write("/help")
    await chat.settled()
    assert chat.pana.chosen[person.chat_id] is None


async def test_told_to_wait_it_waits_for_that_chat_only(chat: Chat) -> None:
    slow, quick = await chat.newcomer("en"), await chat.newcomer("ru")
    chat.api.fail_next("sendMessage", 429, retry_after=1)
    slow.write("/help")
    await eventually(lambda: any(not call.ok for call in chat.api.called("sendMessage")), 3)
    quick.write("/help")
    started = asyncio.get_running_loop().time()
    await quick.reply()
    assert asyncio.get_running_loop().time() - started < 0.9
    assert "Help" in (await slow.reply(3)).text
    assert asyncio.get_running_loop().time() - started > 0.5


async def test_a_broken_connection_is_tried_again(chat: Chat) -> None:
    person = await chat.newcomer("en")
    chat.api.fail_next("sendMessage", 0)
    person.write("/help")
    assert "Help" in (await person.reply()).text


async def test_our_own_fault_is_said_calmly_with_the_numbers(local_settings, spoken: Languages, monkeypatch) -> None:
    from bot.guide import Guide

    from .conftest import running

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("secret text of a person")

    async with running(local_settings) as chat:
        person = await chat.newcomer("ru")
        monkeypatch.setattr(Guide, "ask", broken)
        from telegram import Update

        handlers_failed = chat.pana.handlers.failed
        person.write("что-то")
        await eventually(lambda: chat.failures, 3)
        failure = chat.failures.pop()
        update = Update.de_json(
            {
                "update_id": 1,
                "message": {"message_id": 5, "date": 1, "chat": {"id": person.chat_id, "type": "private"}},
            },
            chat.pana.application.bot,
        )
        await handlers_failed(update, failure)
        said = (await person.reply()).text
        assert spoken["ru"].say("Something went wrong on our side. Please try again in a minute.") in said
        assert "102" in said
        assert "secret" not in said


async def test_in_a_group_only_the_way_to_the_private_chat(chat: Chat, spoken: Languages) -> None:
    member = chat.person(kind="group")
    member.write("/start@pana_try_bot")
    message = await member.reply()
    assert spoken["en"].say("Here everybody can read along. Ask me in a private chat:") in message.text
    assert [set(button) for button in message.buttons] == [{"text", "url"}]
    sent = len(chat.api.called("sendMessage"))
    member.write("police took my husband")
    await chat.settled()
    assert len(chat.api.called("sendMessage")) == sent, "what people say to each other gets no answer"


async def test_a_channel_is_left_alone(chat: Chat) -> None:
    sent = len(chat.api.calls)
    chat.api.raw_update(
        {
            "channel_post": {
                "message_id": 1,
                "date": 1,
                "chat": {"id": -100123, "type": "channel", "title": "x"},
                "text": "hi",
            }
        }
    )
    await chat.settled()
    assert len([call for call in chat.api.calls[sent:] if call.method != "getMe"]) == 0


async def test_another_bot_gets_no_answer(chat: Chat) -> None:
    chat.api.person(chat_id=991)
    chat.api.raw_update(
        {"message": {"message_id": 1, "date": 1, "chat": {"id": 991, "type": "private"}, "text": "hi",
                     "from": {"id": 991, "is_bot": True, "first_name": "Robot"}}}
    )  # fmt: skip
    await chat.settled()
    assert not chat.api.called("sendMessage")


async def test_a_message_by_way_of_a_bot_is_a_question_of_the_person(chat: Chat) -> None:
    person = await chat.newcomer("en")
    chat.api.raw_update(
        {"message": {"message_id": 77, "date": 1, "chat": {"id": person.chat_id, "type": "private"},
                     "from": {"id": person.chat_id, "is_bot": False, "first_name": "Reader"},
                     "via_bot": {"id": 5, "is_bot": True, "first_name": "Inline"}, "text": QUESTIONS["en"][0]}}
    )  # fmt: skip
    await chat.settled()
    assert QUESTIONS["en"][1] in person.last.text


async def test_service_messages_get_no_answer(chat: Chat) -> None:
    person = await chat.newcomer("en")
    sent = len(chat.api.called("sendMessage"))
    chat.api.raw_update(
        {"message": {"message_id": 78, "date": 1, "chat": {"id": person.chat_id, "type": "private"},
                     "from": {"id": person.chat_id, "is_bot": False, "first_name": "Reader"},
                     "pinned_message": {"message_id": 3, "date": 1, "chat": {"id": person.chat_id, "type": "private"}}}}
    )  # fmt: skip
    await chat.settled()
    assert len(chat.api.called("sendMessage")) == sent


@pytest.mark.parametrize(
    "text",
    ["\ud800", "a\ud800b", "\u202egnirts", "e" + "\u0301" * 4000, "\x00" * 10, "<b>bold</b> & <i>", "&lt;", "🆘" * 2048,
     "﷽" * 4096,
     "؟", ".", "1", "\u200f", "😀", "%s {name} {0}", "' OR 1=1 --", "a" * 4096, "word " * 800],
    ids=lambda text: ascii(text[:12]),
)  # fmt: skip
async def test_any_text_gets_an_answer_and_is_never_echoed(chat: Chat, text: str) -> None:
    person = await chat.newcomer("fa")
    person.write(text)
    answer = await person.reply()
    assert answer.text
    if len(text) > 4:
        assert text not in answer.text


async def test_updates_of_one_chat_are_answered_in_order(chat: Chat) -> None:
    person = await chat.newcomer("en")
    for command in ("/help", "/about", "/privacy") * 5:
        person.write(command)
    await chat.settled()
    titles = [one.text.splitlines()[0] for one in person.messages if one.from_bot][1:]
    assert titles == ["Help", "About Pana", "Privacy"] * 5


async def test_the_local_telegram_is_spoken_to_in_its_own_terms(chat: Chat) -> None:
    await chat.newcomer("en")
    refused = [call for call in chat.api.calls if not call.ok]
    assert refused == []
    assert isinstance(chat.api, LocalBotApi)
