/** The requests of a release's own smoke checks: those of the spec that it was started with, kept beside it. */
import type { OwnChecks } from '../../domain/host/runner';
import type { SmokeCheck } from '../../domain/spec/spec';
import type { Address } from '../../domain/words';
import { fail } from '../failure';
import type { HttpCheck } from '../gates/http-check';
import type { ProgressReport } from '../progress';

type Get = OwnChecks['smoke'][number];

/** Commands are not among them: they would need the source that the release was built from. */
export const getsOf = (smoke: readonly SmokeCheck[]): readonly Get[] =>
  smoke.filter((check): check is Get => check.kind === 'get');

interface Own {
  readonly checks: OwnChecks;
  readonly addresses: readonly Address[];
  readonly report: ProgressReport;
}

/** Each against every instance. @throws `StartFailed` at the first that is not as expected. */
export async function checkOwn(check: HttpCheck, { checks, addresses, report }: Own): Promise<void> {
  for (const expected of checks.smoke) {
    report.doing(`GET ${expected.path} of ${addresses.length} instances`);
    const results = await Promise.all(addresses.map((address) => check(address, expected, report.signal)));
    report.throwIfCancelled();
    const failed = results.findIndex(({ passed }) => !passed);
    if (failed >= 0)
      throw fail('StartFailed', `GET ${expected.path} of instance ${failed}: ${results[failed]?.seen ?? ''}`);
  }
}
