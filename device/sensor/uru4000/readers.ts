/** A reader of the U.are.U 4000 family. */
export interface ReaderModel {
  readonly name: string;
  /** Whether its chip answers only after a challenge. */
  readonly authenticates: boolean;
  /** Whether its pictures stand upside down against the others'. */
  readonly upsideDown: boolean;
}

const plain = (name: string): ReaderModel => ({ name, authenticates: false, upsideDown: false });

/** By vendor and product. 05ba:000a is called 4000B or 4500 on the case: nothing on the wire tells which. */
const MODELS: Readonly<Record<string, ReaderModel>> = {
  '05ba:0007': plain('U.are.U 4000'),
  '05ba:0008': plain('U.are.U 4000'),
  '05ba:000a': { ...plain('U.are.U 4500'), upsideDown: true },
  '045e:00bb': plain('Microsoft keyboard with reader'),
  '045e:00bc': plain('Microsoft IntelliMouse with reader'),
  '045e:00bd': plain('Microsoft Fingerprint Reader'),
  '045e:00ca': { ...plain('Microsoft Fingerprint Reader v2'), authenticates: true },
};

/** @returns undefined for what is no reader of the family */
export function modelOf(device: { readonly vendor: number; readonly product: number }): ReaderModel | undefined {
  const id = [device.vendor, device.product].map((number) => number.toString(16).padStart(4, '0')).join(':');
  return Object.hasOwn(MODELS, id) ? MODELS[id] : undefined;
}
