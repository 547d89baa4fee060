// telegram-test-api on a port of this machine: node server.js PORT. Says when it is ready, ends with its standard input.
const TelegramServer = require('telegram-test-api');

new TelegramServer({ host: '127.0.0.1', port: Number(process.argv[2]) }).start().then(() => console.log('ready'));
process.stdin.resume().on('end', () => process.exit(0));
