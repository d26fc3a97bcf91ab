import { randomBytes } from 'node:crypto';
import { LoadDevice } from './device.ts';
import { HISTOGRAM_STEP_MS, HISTOGRAM_STEPS, type LoadOrder, type LoadReport } from './order.ts';

/** Connections made at a time: a broker's queue of new ones is short. */
const CONNECTING = 100;
const TICK_MS = 20;

const order = JSON.parse(process.argv[2]) as LoadOrder;
const histogram = new Array<number>(HISTOGRAM_STEPS).fill(0);
const devices: LoadDevice[] = [];

const sum = (of: (device: LoadDevice) => number): number => devices.reduce((total, device) => total + of(device), 0);
const report = (): LoadReport => ({
  connected: sum(({ connected }) => (connected ? 1 : 0)),
  happened: sum(({ last }) => last),
  acknowledged: sum(({ acknowledged }) => acknowledged),
  histogram,
});
setInterval(() => {
  const now = Date.now();
  for (const device of devices) device.look(now, order.stalledMs);
  process.send?.(report());
}, 1_000);

while (devices.length < order.devices) {
  const waiting = sum(({ connected }) => (connected ? 0 : 1));
  for (let i = waiting; i < CONNECTING && devices.length < order.devices; i++)
    devices.push(
      new LoadDevice(order.port, `d${order.first + devices.length}`, randomBytes(8).toString('hex'), (ms) => {
        histogram[Math.min(HISTOGRAM_STEPS - 1, Math.floor(ms / HISTOGRAM_STEP_MS))]++;
      }),
    );
  await new Promise((resolve) => setTimeout(resolve, TICK_MS));
}

// Begins when it is told to, so that all processes do at once.
process.once('message', () => {
  const total = order.devices * order.events;
  const started = performance.now();
  let happened = 0;
  const tick = setInterval(() => {
    const due = Math.min(total, ((performance.now() - started) / 1_000) * order.eventsPerSecond);
    for (; happened < due; happened++) devices[happened % devices.length].happen();
    if (happened === total) clearInterval(tick);
  }, TICK_MS);
});
