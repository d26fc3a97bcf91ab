/** Where a device's messages are found on the broker; all below `whorl/<device>/`. */
export interface Topics {
  /** Every event, once and in order (QoS 1, not retained). */
  readonly event: string;
  /** Whether the terminal is there (QoS 1, retained); the broker itself says `lost` when it vanishes. */
  readonly state: string;
  /** Answers to commands whose sender named no response topic, as MQTT 3.1.1 cannot (QoS 1, not retained). */
  readonly answer: string;
  /** Where the device is spoken to; it reads these and nothing else. */
  readonly request: string;
}

export function topicsOf(device: string): Topics {
  const base = `whorl/${device}`;
  return {
    event: `${base}/event`,
    state: `${base}/state`,
    answer: `${base}/answer`,
    request: `${base}/cmd/request`,
  };
}
