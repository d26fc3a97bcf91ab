import { KEEPER_WORDS } from '../../secrets/keeper.ts';
import { readCertificate } from '../identity/certificate.ts';
import { deviceKeyKeeper, fingerprintOf, hasDeviceKey, makeDeviceKey, readDeviceKey } from '../identity/device-key.ts';
import type { Finding, Step } from '../step.ts';

export const identityStep: Step = {
  id: 'identity',
  title: 'Identity',
  purpose: 'The board has a key of its own, which proves its name and signs the report.',
  run({ config: { state, keys } }) {
    if (!hasDeviceKey(state)) makeDeviceKey(state, keys);
    const keeper = deviceKeyKeeper(state);
    return Promise.resolve({
      findings: [
        { mark: 'good', words: `key ${fingerprintOf(readDeviceKey(state))}` },
        { mark: keeper === 'file' ? 'note' : 'good', words: `it is kept ${KEEPER_WORDS[keeper]}` },
        certificate(state),
      ],
    });
  },
};

function certificate(state: string): Finding {
  const claimed = readCertificate(state);
  if (claimed === undefined)
    return {
      mark: 'note',
      words: 'no certificate was claimed yet: whorl identity claim, where the broker asks for one',
    };
  const { name, issuer, validUntil } = claimed;
  const until = new Date(validUntil).toISOString().slice(0, 10);
  return { mark: 'good', words: `certificate of ${name}, by ${issuer}, until ${until}` };
}
