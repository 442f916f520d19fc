/** Pictures of a report as a browser shows it: on a desk in light, on a phone in dark. */
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const LOOKS = [
  { name: 'desktop', width: 1280, most: 2_250, colorScheme: 'light' },
  { name: 'phone', width: 390, most: 3_000, colorScheme: 'dark' },
] as const;

const LEAST = 1_000;
const MARGIN = 24;
/** Down to what is left to do, else to the list of the moments below the plots, where there are plots. */
const END = `(document.querySelector('#unfinished') ?? document.querySelector('#watches ol'))?.getBoundingClientRect().bottom ?? 0`;

/**
 * Writes `<name>-desktop.png` and `<name>-phone.png` beside `<name>.html`.
 * @throws when the page would have to be scrolled sideways.
 */
export async function picturesOf(file: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    for (const { name, width, most, colorScheme } of LOOKS) {
      const page = await browser.newPage({ viewport: { width, height: LEAST }, colorScheme });
      await page.goto(pathToFileURL(file).href);
      const needed = await page.evaluate('document.documentElement.scrollWidth');
      if (needed !== width) throw new Error(`${file} is ${String(needed)} wide on a page of ${width}`);
      const end = Number(await page.evaluate(END));
      await page.setViewportSize({ width, height: Math.min(most, Math.max(LEAST, Math.ceil(end) + MARGIN)) });
      await page.screenshot({ path: file.replace(/\.html$/, `-${name}.png`) });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}
