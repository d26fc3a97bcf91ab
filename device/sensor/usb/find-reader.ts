import { SensorError } from '../errors.ts';
import type { UsbBus, UsbDevice } from './usb-bus.ts';

export interface FoundReader<Model> {
  readonly device: UsbDevice;
  readonly model: Model;
}

/**
 * The one reader that an operator named by serial number or by USB port; without a name, the only one there is.
 *
 * @param modelOf knows the readers that are looked for; undefined for anything else
 * @param name of them, for people
 * @throws SensorError `sensor.not-connected`; `sensor.ambiguous` where several could be meant
 */
export function findReader<Model>(
  bus: UsbBus,
  modelOf: (device: UsbDevice) => Model | undefined,
  target: string,
  name: string,
): FoundReader<Model> {
  const meant: FoundReader<Model>[] = [];
  for (const device of bus.list()) {
    const model = modelOf(device);
    const named = target === '' || target === device.serial || target === device.port;
    if (model !== undefined && named) meant.push({ device, model });
  }
  if (meant.length === 1) return meant[0];
  if (meant.length === 0)
    throw new SensorError(
      'sensor.not-connected',
      target === ''
        ? `no ${name} is plugged in`
        : `no ${name} with the serial number or at the USB port ${target} is plugged in`,
    );
  throw new SensorError(
    'sensor.ambiguous',
    `several could be meant (${meant.map(({ device }) => device.serial ?? device.port).join(', ')}): name one by its serial number or port`,
  );
}
