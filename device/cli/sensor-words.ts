import { nameOfSensor } from '../sensor/pairing.ts';
import type { SensorEvent, SensorListener } from '../sensor/sensor.ts';
import type { Output } from './output.ts';

/** What a technician should know of a sensor's change; nothing of a capture under way. */
export function sensorInWords(event: SensorEvent): string | undefined {
  switch (event.kind) {
    case 'connected':
      return `sensor: ${nameOfSensor(event.sensor)} is connected (${event.sensor.link})`;
    case 'paired':
      return `sensor: ${nameOfSensor(event.sensor)} belongs to this terminal now`;
    case 'disconnected':
      return `sensor: ${event.message} (${event.code}); waiting for it`;
    case 'swapped':
      return (
        `sensor: ${nameOfSensor(event.found)} is in the place of ${nameOfSensor(event.paired)} and is not used; ` +
        'if that is right: whorl sensor accept'
      );
    case 'upload':
      return undefined;
  }
}

/** Bytes of most modules' pictures (256 × 288): how long a module's first one is shows only when it is there. */
const USUAL_PICTURE = 36_864;

/** Tells people what happens to the sensor, and how far a picture on a slow link has come. */
export function sensorTeller(output: Output): SensorListener {
  let uploadBegan = 0;
  let last = Infinity;
  return (event) => {
    if (event.kind === 'upload') {
      // A picture that begins anew has less than the one before.
      if (event.done < last) uploadBegan = Date.now();
      last = event.done;
      output.progress('picture', event.done, event.total ?? Math.max(event.done, USUAL_PICTURE), uploadBegan);
      return;
    }
    const words = sensorInWords(event);
    if (words !== undefined) output.note(words);
  };
}
