/** The instances of a release: how many of them are to run, and the way from one number to another. */
import { note, wordsOf } from '../../system/note';
import { readWanted, writeWanted, type InstanceRecord } from '../../system/instances';
import type { Release } from './definition';
import { Instance, type Surroundings } from './instance';

export interface Fleet {
  /** Adopts or starts the wanted ones; what an earlier runner was stopping when it was killed is stopped meanwhile. */
  begin(): Promise<void>;
  /** From now on so many are to run, those with the lowest numbers; `scale` of the runner says more. */
  scale(count: number): Promise<void>;
  /** Repeatable. */
  stop(): Promise<void>;
  all(): readonly Instance[];
  /** The wanted ones, and others that have not ended yet. */
  present(): readonly Instance[];
  wanted(): number;
}

/** @param arounds the surroundings of each record, in the same order. */
export async function openFleet(
  { directory, definition }: Release,
  records: readonly InstanceRecord[],
  arounds: readonly Surroundings[],
): Promise<Fleet> {
  const make = (record: InstanceRecord, index: number): Instance =>
    new Instance(record, arounds[index] as Surroundings);
  const instances = records.map(make);
  let wanted = Math.min((await readWanted(directory)) ?? definition.instances, definition.instances);
  let last: Promise<unknown> = Promise.resolve();
  let isEnding = false;

  /** One after another: a wish is carried out before the next one begins. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = last.then(work);
    last = done.catch((error: unknown) => note(`not all instances are as they should be: ${wordsOf(error)}`));
    return done;
  }

  async function stopFrom(first: number): Promise<void> {
    await Promise.all(instances.slice(first).map((instance) => instance.stop(definition.graceMs)));
  }

  async function scaleTo(count: number): Promise<void> {
    if (isEnding) return;
    await writeWanted(directory, count);
    if (isEnding) return; // told meanwhile: what began now, nobody would end
    wanted = count;
    const missing = instances.flatMap((instance, index) => (index < count && instance.hasStopped ? [index] : []));
    for (const index of missing) instances[index] = make((instances[index] as Instance).record, index);
    await Promise.all([...missing.map((index) => instances[index]?.begin()), stopFrom(count)]);
  }

  return {
    begin: async () => {
      inTurn(() => stopFrom(wanted)).catch(() => undefined); // it was said
      await Promise.all(instances.slice(0, wanted).map((instance) => instance.begin()));
    },
    scale: (count) => inTurn(() => scaleTo(count)),
    stop: () => {
      isEnding = true;
      return stopFrom(0);
    },
    all: () => instances,
    present: () => instances.filter((instance, index) => index < wanted || instance.leader() !== null),
    wanted: () => wanted,
  };
}
