import { WhorlError } from '../errors.ts';

export class GalleryError extends WhorlError {
  constructor(
    code:
      | 'gallery.template-invalid'
      | 'gallery.template-malformed'
      | 'gallery.template-version'
      | 'gallery.key-missing'
      | 'gallery.key-invalid'
      | 'gallery.key-unsafe'
      | 'gallery.wrong-key'
      | 'gallery.key-changed'
      | 'gallery.not-a-gallery'
      | 'gallery.newer-schema'
      | 'gallery.corrupt-file'
      | 'gallery.damaged-record'
      | 'gallery.disk-full'
      | 'gallery.busy'
      | 'gallery.storage'
      | 'gallery.closed'
      | 'gallery.invalid-person'
      | 'gallery.ambiguous-person'
      | 'gallery.unknown-person'
      | 'gallery.unknown-finger'
      | 'gallery.too-many-fingers'
      | 'gallery.unknown-rules'
      | 'gallery.erased'
      | 'gallery.weak-passphrase'
      | 'gallery.archive-malformed'
      | 'gallery.archive-locked',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
