/** Where a device's messages are found on the broker; all below `whorl/<device>/`. */
export interface Topics {
  /** Every event, once and in order (QoS 1, not retained). */
  readonly event: string;
  /** The same events at once while connected, for eyes and not for records (QoS 0, not retained). */
  readonly live: string;
  /** Whether the terminal is there (QoS 1, retained); the broker itself says `lost` when it vanishes. */
  readonly state: string;
  /** What the terminal runs with and how it is (QoS 1, retained). */
  readonly health: string;
  /** Answers to commands whose sender named no response topic, as MQTT 3.1.1 cannot (QoS 1, not retained). */
  readonly answer: string;
  /** Where the device is spoken to; it reads these three and nothing else. How far the collector has stored events: */
  readonly ack: string;
  /** From where on the collector wants them again. */
  readonly replay: string;
  /** An operator's command. */
  readonly request: string;
}

export function topicsOf(device: string): Topics {
  const base = `whorl/${device}`;
  return {
    event: `${base}/event`,
    live: `${base}/live`,
    state: `${base}/state`,
    health: `${base}/health`,
    answer: `${base}/answer`,
    ack: `${base}/cmd/ack`,
    replay: `${base}/cmd/replay`,
    request: `${base}/cmd/request`,
  };
}
