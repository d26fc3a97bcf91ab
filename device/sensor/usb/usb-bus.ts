/** What hangs on the USB now. Listing neither opens a device nor needs a permission. */
export interface UsbBus {
  list(): UsbDevice[];
}

export interface UsbDevice {
  readonly vendor: number;
  readonly product: number;
  /** Bus and ports, the same as long as nobody replugs it elsewhere: `1-10`, `1-2.4`. */
  readonly port: string;
  /** As the maker wrote it, braces and blanks at its ends left out; absent where the maker wrote none. */
  readonly serial?: string;

  /**
   * Opens the device and claims its interface 0.
   *
   * @throws SensorError `sensor.not-connected`, `sensor.no-permission`, `sensor.busy`
   */
  open(): Promise<UsbConnection>;
}

export interface TransferOptions {
  readonly signal: AbortSignal;
  /** For ever when left out. */
  readonly timeoutMs?: number;
}

/**
 * An open device: what a driver says and hears. Every transfer rejects with the signal's reason when aborted, with
 * `sensor.no-answer` after its time, and with `sensor.disconnected` when the device is gone. Lengths are what the device
 * really sent: it is the driver that knows how much it wants.
 */
export interface UsbConnection {
  /** A vendor's control request to the device, index 0. */
  controlIn(request: number, value: number, length: number, options: TransferOptions): Promise<Uint8Array>;
  controlOut(request: number, value: number, data: Uint8Array, options: TransferOptions): Promise<void>;
  /** A bulk or an interrupt transfer, as the endpoint is. */
  read(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array>;
  write(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void>;
  /** Ends what is on its way. */
  close(): Promise<void>;
}
