/** What a process of the load driver is told, as JSON in its first argument. */
export interface LoadOrder {
  readonly port: number;
  readonly first: number;
  readonly devices: number;
  /** Of each device. */
  readonly events: number;
  /** Of all devices of this process together; each has its turn. */
  readonly eventsPerSecond: number;
  /** Sends again what is not acknowledged for so long, in milliseconds. */
  readonly stalledMs: number;
}

/** What it tells every second. */
export interface LoadReport {
  readonly connected: number;
  readonly happened: number;
  readonly acknowledged: number;
  /** Events by how long after they happened their cursor came: the last count is of all above. */
  readonly histogram: readonly number[];
}

export const HISTOGRAM_STEP_MS = 10;
export const HISTOGRAM_STEPS = 12_000;
