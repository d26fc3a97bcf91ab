/** Where a device's messages are found on the broker. */
export interface Topics {
  /** Every event, once and in order (QoS 1, not retained). */
  readonly event: string;
  /** Whether the terminal is there (QoS 1, retained); the broker itself says `lost` when it vanishes. */
  readonly state: string;
}

export function topicsOf(device: string): Topics {
  return { event: `whorl/${device}/event`, state: `whorl/${device}/state` };
}
