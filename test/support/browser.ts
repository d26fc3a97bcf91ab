import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Page } from 'playwright-core';
import type { Cleanup } from './cleanup.ts';

const CHROMIUM = '/usr/bin/chromium';
/** How long anything on the page may take: pictures come by a slow wire, and machines are busy. */
const PATIENCE_MS = 60_000;
const MOST_TABS = 80;

/** For node:test's `skip`. */
export function skipWithoutChromium(): string | false {
  return existsSync(CHROMIUM) ? false : `${CHROMIUM} is not installed`;
}

export interface BrowserKind {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  /** What the person uses: keys alone, or a finger on the screen. */
  readonly hand: 'keys' | 'finger';
}

export const LAPTOP: BrowserKind = { width: 1_200, height: 860, scheme: 'light', hand: 'keys' };
export const PHONE: BrowserKind = { width: 360, height: 740, scheme: 'dark', hand: 'finger' };

/** A fault of accessibility, as axe tells it. */
export interface AccessFault {
  readonly where: string;
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly string[];
}

/** A person with a real browser. By keys alone they reach everything by Tab, as they must. */
export class Technician {
  readonly page: Page;
  readonly #kind: BrowserKind;

  private constructor(page: Page, kind: BrowserKind) {
    this.page = page;
    this.#kind = kind;
  }

  static async open(cleanup: Cleanup, url: string, kind: BrowserKind): Promise<Technician> {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    cleanup.after(() => browser.close());
    const context = await browser.newContext({
      // Nobody vouches for a boxed board: a person accepts its certificate by hand.
      ignoreHTTPSErrors: true,
      viewport: { width: kind.width, height: kind.height },
      colorScheme: kind.scheme,
      hasTouch: kind.hand === 'finger',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(url);
    return new Technician(page, kind);
  }

  async press(name: string): Promise<void> {
    const target = this.page
      .getByRole('button', { name, exact: true })
      .or(this.page.getByRole('link', { name, exact: true }));
    await target.waitFor();
    if (this.#kind.hand === 'finger') {
      await target.tap();
      return;
    }
    await this.#reach((handle) => target.evaluate((element, focused) => element === focused, handle));
    await this.page.keyboard.press('Enter');
  }

  async write(label: string, text: string): Promise<void> {
    const target = this.page.getByLabel(label, { exact: true });
    await target.waitFor();
    if (this.#kind.hand === 'finger') await target.tap();
    else await this.#reach((handle) => target.evaluate((element, focused) => element === focused, handle));
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  async #reach(there: (focused: Awaited<ReturnType<Page['evaluateHandle']>>) => Promise<boolean>): Promise<void> {
    for (let tabs = 0; tabs < MOST_TABS; tabs++) {
      if (await there(await this.page.evaluateHandle('document.activeElement'))) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`not reached by ${MOST_TABS} tabs`);
  }

  /** What axe calls serious or critical on the page as it is now. */
  async faults(where: string): Promise<AccessFault[]> {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate<{
      violations: { id: string; impact: string; nodes: { html: string }[] }[];
    }>('axe.run()');
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, impact, nodes }) => ({ where, id, impact, nodes: nodes.map(({ html }) => html) }));
  }

  /** What does not fit: pixels beyond the screen's width, and what is too small for a finger. */
  async misfits(): Promise<string[]> {
    return await this.page.evaluate<string[]>(`(() => {
      const wide = document.documentElement.scrollWidth - innerWidth;
      const small = [...document.querySelectorAll('button, a, input, select')].filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width > 0 && (height < 43.5 || width < 43.5);
      });
      return [...(wide > 0 ? [wide + ' px too wide'] : []), ...small.map((element) => 'small: ' + element.textContent)];
    })()`);
  }
}
