import type { Command } from 'commander';
import { engineState, webUiLink, type GuardedAddress } from '../../../embedded';
import { EngineUnreachable } from '../../errors';
import { currentDeployment, type Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part } from '../line';

interface Options extends JsonOption {
  readonly for?: string;
}

export function addUi(program: Command, run: Run): void {
  declare(program, {
    usage: 'ui [app]',
    does: 'print a link that opens the Web UI, at the page of an application where one is named',
    examples: ['mvca ui', 'mvca ui shop', 'sudo mvca ui --for ana'],
    notes: [
      'The link works once, within five minutes, in a browser of the account that asked for it; then its cookie does,',
      'for twelve hours or until the engine is started anew.',
    ],
  })
    .option('--for <account>', 'the account of this machine whose browser opens it (default: this one)')
    .action(run((cli: Cli, app: string | undefined, options: Options) => openUi(cli, app, options)));
}

async function openUi(cli: Cli, app: string | undefined, options: Options): Promise<number> {
  if (cli.config.usesCluster) return ofCluster(cli, app, options);
  const { home } = cli.config;
  const temporal = (await engineState(home))?.temporal;
  if (!temporal) {
    throw new EngineUnreachable(`the engine in ${home.root} is not running; start it with \`mvca up\``);
  }
  const page = app === undefined ? null : await pageOf(cli, app);
  const link = await linkTo(cli, temporal, {
    ...(page === null ? {} : { page }),
    ...(options.for === undefined ? {} : { account: options.for }),
  });
  if (options.json) cli.print.json({ url: link.url, until: new Date(link.until).toISOString() });
  else {
    cli.print.result(link.url);
    cli.print.progress(line(part('works once, within five minutes; keep it to yourself', 'dim')));
  }
  return EXIT.succeeded;
}

async function linkTo({ config }: Cli, temporal: GuardedAddress, options: Parameters<typeof webUiLink>[2]) {
  try {
    return await webUiLink(config.home, temporal, options);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw new EngineUnreachable('the Web UI does not run now; look at `mvca status`', { cause });
  }
}

/** Of its running deployment, or its last one. */
async function pageOf(cli: Cli, app: string): Promise<string | null> {
  return (await currentDeployment(await cli.engine({ start: false }), await cli.app(app))).webUi;
}

/** Its Web UI is not ours, and has a login of its own or none. */
async function ofCluster(cli: Cli, app: string | undefined, { json }: JsonOption): Promise<number> {
  const url = app === undefined ? cli.config.clusterUi : await pageOf(cli, app);
  if (url === null) throw new Halt('where the Web UI of this cluster is, is not known: set MVCA_WEB_UI to its address');
  if (json) cli.print.json({ url, until: null });
  else cli.print.result(url);
  return EXIT.succeeded;
}
