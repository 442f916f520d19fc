/** What is shown to who is not let in. Nothing of the request stands in it. */

const REFUSALS = {
  host: 'The Web UI is asked for as 127.0.0.1 or localhost, with its port, and by no other name.',
  origin: 'Another page asked for this. Open the Web UI in a window of its own.',
  ticket: 'This link was used already, is older than five minutes, or was made for another account.',
} as const;

export const refusedPage = (why: keyof typeof REFUSALS): string =>
  page('Not let in', `${REFUSALS[why]} <code>mvca ui</code> prints a new link.`);

export const loggedOutPage = (): string =>
  page(
    'Log in from a terminal',
    'Run <code>mvca ui</code> on this machine, as the account that runs the engine, and open the link that it prints. ' +
      'Then load this page again.',
  );

const page = (title: string, text: string): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem;color:#1d1d1f;background:#fff}
code{background:#eef;padding:.1em .3em;border-radius:.2em}
@media(prefers-color-scheme:dark){body{color:#eee;background:#16181d}code{background:#2a2e3a}}</style>
<h1>${title}</h1><p>${text}</p></html>
`;
