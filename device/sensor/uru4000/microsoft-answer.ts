import { createCipheriv } from 'node:crypto';

/** The same in every reader of this model; published in libfprint's driver. */
const KEY = Buffer.from('79ac91795ca1478e98e00f3c598f5f4b', 'hex');

export const CHALLENGE_BYTES = 16;

/** What the Microsoft v2 reader wants to hear to its challenge: that block under AES-128. */
export function answerChallenge(challenge: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-ecb', KEY, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
}
