/** Pictures of a report as a browser shows it: on a desk in light, on a phone in dark. */
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const LOOKS = [
  { name: 'desktop', width: 1280, height: 1_800, colorScheme: 'light' },
  { name: 'phone', width: 390, height: 2_200, colorScheme: 'dark' },
] as const;

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
    for (const { name, width, height, colorScheme } of LOOKS) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme });
      await page.goto(pathToFileURL(file).href);
      const needed = await page.evaluate('document.documentElement.scrollWidth');
      if (needed !== width) throw new Error(`${file} is ${String(needed)} wide on a page of ${width}`);
      await page.screenshot({ path: file.replace(/\.html$/, `-${name}.png`) });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}
