import { join } from 'node:path';
import { systemClock } from './clock.ts';
import { connectBoard } from './door/connect-board.ts';
import { IoProcess } from './door/io-process.ts';
import type { ToIo } from './door/io-messages.ts';
import { Outbox, OUTBOX_FILE } from './events/outbox.ts';

/**
 * One of the two processes that keep the door's board; `IoProcess` is what it does. Its arguments say where the outbox
 * is: when the terminal is lost, nobody else is left to put the alarm on disk.
 */
const [state, device, capacity] = process.argv.slice(2);

const io = new IoProcess({
  connect: connectBoard,
  send: (message) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  },
  kill: (pid) => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  },
  onAbandoned: (data) => {
    try {
      const path = join(state, OUTBOX_FILE);
      const outbox = new Outbox({ path, device, capacity: Number(capacity), clock: systemClock });
      outbox.append({ type: 'whorl.door.terminal-lost', data });
      outbox.close();
    } catch {
      // The relay is off; that is what counts.
    }
  },
  exit: (status) => process.exit(status),
});

process.on('message', (message: ToIo) => {
  io.hear(message);
});
process.once('disconnect', () => void io.orphaned());
// Whoever asks this process alone to end gets a door that is locked first.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    io.hear({ kind: 'leave' });
  });
process.on('uncaughtException', (error) => void io.doubt(error));
process.on('unhandledRejection', (error) => void io.doubt(error));
