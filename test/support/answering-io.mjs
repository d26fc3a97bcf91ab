// One of a door's two I/O processes, without a board: it obeys at once. It shows what the way to it costs.
import { setInterval } from 'node:timers';

process.on('message', (message) => {
  if (message.kind === 'take') process.send({ kind: 'news', news: { kind: 'ready', board: 'answering', inputs: {} } });
  if (message.kind === 'release') process.send({ kind: 'released', id: message.id });
  if (message.kind === 'leave') process.exit(0);
});
process.once('disconnect', () => process.exit(0));
setInterval(() => process.send({ kind: 'alive' }), 250);
