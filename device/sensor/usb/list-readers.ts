import { nb1010 } from '../nb1010/nb1010-link.ts';
import { modelOf } from '../uru4000/readers.ts';
import { openLibusb } from './libusb-bus.ts';
import type { UsbBus } from './usb-bus.ts';

/** A USB reader that is plugged in. */
export interface ListedReader {
  /** What to configure: by serial number where it has one, else by its port. */
  readonly specification: string;
  readonly model: string;
}

/** The readers on the USB that Whorl has a driver for; none where there is no USB at all. */
export async function listReaders(openBus: () => Promise<UsbBus> = openLibusb): Promise<ListedReader[]> {
  const devices = await openBus().then(
    (bus) => bus.list(),
    () => [],
  );
  return devices.flatMap((device) => {
    const place = device.serial ?? device.port;
    const uru4000 = modelOf(device);
    if (uru4000 !== undefined) return [{ specification: `uru4000:${place}`, model: uru4000.name }];
    const plain = nb1010(device);
    return plain === undefined ? [] : [{ specification: `nb1010:${place}`, model: plain }];
  });
}
