import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { type BrowserKind, LAPTOP, PHONE, Technician } from './browser.ts';
import { ProofCleanup } from './cleanup.ts';
import { ProvisioningBoard } from './provisioning-board.ts';
import { enrolStaff, lookAround, provision, type Look } from './provisioning-scenes.ts';

// Draws README's pictures of the technician's page: a whole provisioning, with artificial fingers. Names of the places
// that are kept may be given; the others are left out.
const OUT = resolve(import.meta.dirname, '../../device/console/pictures');
const QUALITY = 82;
const KEPT: Readonly<Record<string, readonly string[]>> = {
  laptop: ['sensor', 'door'],
  phone: ['duplicate', 'report'],
};
/** A path of this very machine is nobody's business. */
const CLIPS: Readonly<Record<string, { clip: { x: number; y: number; width: number; height: number } }>> = {
  sensor: { clip: { x: 0, y: 0, width: LAPTOP.width, height: 670 } },
};

const wanted = process.argv.slice(2);
const cleanup = new ProofCleanup();
mkdirSync(OUT, { recursive: true });

function keeping(kind: string, technician: Technician): Look {
  return async (where) => {
    if (!(wanted.length > 0 ? wanted : KEPT[kind]).includes(where)) return;
    const png = await technician.page.screenshot(CLIPS[where]);
    const name = wanted.length > 0 ? `${kind}-${where.replaceAll(' ', '-')}` : where;
    await sharp(png)
      .webp({ quality: QUALITY })
      .toFile(join(OUT, `${name}.webp`));
  };
}

async function openBrowser(board: ProvisioningBoard, kind: BrowserKind): Promise<Technician> {
  return Technician.open(cleanup, board.url, kind);
}

try {
  const board = await ProvisioningBoard.open(cleanup);
  const technician = await openBrowser(board, LAPTOP);
  await provision(technician, board, keeping('laptop', technician));
  const phone = await openBrowser(board, PHONE);
  const look = keeping('phone', phone);
  await lookAround(phone, board, look);
  await enrolStaff(phone, board, look);
  await phone.press('Set up');
  await phone.page.getByRole('button', { name: 'Acceptance report' }).tap();
  await phone.sees('This door was accepted');
  await look('report');
} finally {
  await cleanup.close();
}
