import { WhorlError } from '../errors.ts';

export class SensorError extends WhorlError {
  constructor(
    code:
      | 'sensor.unknown-kind'
      | 'sensor.bad-folder'
      | 'sensor.unreadable-image'
      | 'sensor.closed'
      | 'sensor.not-connected'
      | 'sensor.disconnected'
      | 'sensor.not-paired'
      | 'sensor.bad-pairing'
      | 'sensor.bad-profile'
      | 'sensor.other-profile'
      | 'sensor.unwritable-profile'
      | 'sensor.ambiguous'
      | 'sensor.no-permission'
      | 'sensor.busy'
      | 'sensor.wrong-device'
      | 'sensor.no-answer'
      | 'sensor.bad-answer'
      | 'sensor.bad-picture'
      | 'sensor.bad-target'
      | 'sensor.wrong-password'
      | 'sensor.refused'
      | 'sensor.interrupted'
      | 'sensor.damaged-upload'
      | 'sensor.no-pseudo-terminal',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
