import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

const SCRIPT = 'text/javascript; charset=utf-8';

/** All that the page is made of, by the path it is asked for: there is no way from a request to any other file. */
const FILES: Readonly<Record<string, readonly [location: string, type: string]>> = {
  '/': ['./page/index.html', 'text/html; charset=utf-8'],
  '/style.css': ['./page/style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['./page/icon.svg', 'image/svg+xml'],
  '/app.js': ['./page/app.js', SCRIPT],
  '/board.js': ['./page/board.js', SCRIPT],
  '/conversation.js': ['./page/conversation.js', SCRIPT],
  '/sign-in.js': ['./page/sign-in.js', SCRIPT],
  '/set-up.js': ['./page/set-up.js', SCRIPT],
  '/enrol.js': ['./page/enrol.js', SCRIPT],
  '/preact.js': ['htm/preact/standalone', SCRIPT],
};

export function readPageFiles(): Map<string, PageFile> {
  return new Map(
    Object.entries(FILES).map(([path, [location, type]]) => [
      path,
      { type, content: readFileSync(fileURLToPath(import.meta.resolve(location))) },
    ]),
  );
}
