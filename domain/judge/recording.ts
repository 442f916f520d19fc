/**
 * A watch as it was recorded, and the judge of it: what the running watch was given, look by look, through the very functions that it
 * uses. One JSON object a line: `{ "watch": Watched }` at each beginning, then `{ "at", "router"?, "own"? }` for
 * each look, and last `{ "end": … }` with what the watch said itself.
 */
import type { ReleaseFigures } from '../host/router';
import type { JudgeVerdict } from '../words';
import type { Finding } from './finding';
import { alarm, type Objective } from './judge';
import type { StreamVerdict } from './stream';
import {
  beginJudging,
  judgeAnswered,
  judgeReading,
  verdictOf,
  type Judged,
  type OwnAnswers,
  type RouterReading,
  type Watched,
} from './watching';

export interface RecordedLook {
  /** Milliseconds since the watch began. */
  readonly at: number;
  /** Absent: the router could not be read. */
  readonly router?: RouterReading;
  /** Absent: no request of the watch itself was answered. */
  readonly own?: OwnAnswers;
}

export interface RecordedWatch {
  readonly watch: Watched;
}

/** What the running watch said at its end. */
export interface RecordedEnd {
  readonly end: {
    readonly verdict: JudgeVerdict;
    /** Milliseconds since the watch began; null where it was no alarm. */
    readonly at: number | null;
    /** `other`: an instance that was gone, a lease that was lost, a metric from outside, and whatever else is no matter of answers. */
    readonly by: 'judge' | 'other';
  };
}

/** The head of a recording: only what concerns the two releases. */
export const recordedWatch = ({ mark, ...watched }: Watched): RecordedWatch => ({
  watch: { ...watched, mark: mark && { epoch: mark.epoch, releases: ofBoth(mark.releases, watched) } },
});

/** A reading as it is recorded: only what the judge looks at. */
export const recordedReading = (
  { epoch, figures, table }: RouterReading,
  of: Pick<Watched, 'release' | 'oldRelease'>,
): RouterReading => ({ epoch, figures: ofBoth(figures, of), table: { weights: table.weights } });

const ofBoth = (
  all: Readonly<Record<string, ReleaseFigures>>,
  { release, oldRelease }: Pick<Watched, 'release' | 'oldRelease'>,
): Readonly<Record<string, ReleaseFigures>> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => name === release || name === oldRelease));

/** Looks go in one after another; after an alarm further ones change nothing. */
export class RecordingJudge {
  readonly #watched: Watched;
  #judged: Judged;
  #before: RouterReading | null = null;
  #alarm: { readonly at: number; readonly finding: Finding } | null = null;

  /** @param objective what is to be held against it instead of what was; left out: the same. */
  constructor({ watch }: RecordedWatch, objective: Partial<Objective> = {}) {
    this.#watched = { ...watch, objective: { ...watch.objective, ...objective } };
    this.#judged = beginJudging(this.#watched);
  }

  /** The worker that watched began anew: it goes on from where it was, without the reading before. */
  goOn(): void {
    this.#before = null;
  }

  take({ at, router, own }: RecordedLook): void {
    if (this.#alarm !== null) return;
    if (router !== undefined) {
      this.#judged = judgeReading(this.#judged, { at, now: router, before: this.#before }, this.#watched);
      this.#before = router;
    }
    const judge =
      own === undefined ? this.#judged.judge : judgeAnswered(this.#judged.judge, { at, ...own }, this.#watched);
    this.#judged = { judge, last: this.#judged.last };
    const finding = alarm(judge, this.#watched.objective);
    if (finding !== null) this.#alarm = { at, finding };
  }

  /** The verdict at the end of the recording. */
  end(): StreamVerdict {
    const { newRelease, oldRelease } = this.#judged.judge;
    const after = { newRequests: newRelease.answers, oldRequests: oldRelease.answers };
    if (this.#alarm !== null) return { verdict: 'unhealthy', ...this.#alarm, after, needs: null };
    return { ...verdictOf(this.#judged.judge, this.#before, this.#watched), at: null, after };
  }
}
