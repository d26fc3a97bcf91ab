import { nameOfSensor } from '../sensor/pairing.ts';
import type { SensorEvent } from '../sensor/sensor.ts';

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
