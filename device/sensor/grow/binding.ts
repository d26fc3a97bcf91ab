/** The states of a serial port's modem lines: true is asserted, a low level on a TTL adapter. */
export interface ModemLines {
  readonly cts: boolean;
  readonly dsr: boolean;
  readonly dcd: boolean;
}

/**
 * A serial line that is open, 8N1: what the driver needs of it. It serves one connection and is never opened again:
 * serialport would send what was written to it while it was closed.
 */
export interface Binding {
  /** Aborted when the line is gone, unplugged or closed; its reason is the SensorError to fail with. */
  readonly gone: AbortSignal;
  /** Called with what arrives, cut anywhere. */
  onData: (bytes: Uint8Array) => void;
  /** Resolves when everything has left. @throws SensorError `sensor.disconnected`, also for a line that is gone */
  write(bytes: Uint8Array): Promise<void>;
  /** From the next byte on. */
  setBaud(baud: number): Promise<void>;
  readLines(): Promise<ModemLines>;
  close(): Promise<void>;
}

/** @throws SensorError `sensor.not-connected` where nothing is there, `sensor.busy`, `sensor.no-permission` */
export type OpenBinding = (path: string, baud: number) => Promise<Binding>;
