/** What instances used since they were first started, in a bounded number of samples: recent or long ago, each covers as long. */
import type { UseHistory, UseSample } from '../../domain/host/runner';
import type { Use } from './use';

/** Even: they are halved by pairs. */
const MOST_SAMPLES = 120;

interface Kept {
  samples: UseSample[];
  /** Readings that make one sample; doubled whenever the samples are too many. */
  each: number;
  open: UseSample[];
}

export interface UseRecorder {
  add(uses: ReadonlyMap<number, Use>, at: number): void;
  read(): UseHistory;
}

export function createUseRecorder(): UseRecorder {
  const kept = new Map<number, Kept>();
  return {
    add(uses, at) {
      for (const [instance, { cpu, memoryBytes, main }] of uses) {
        if (cpu === null || memoryBytes === null) continue;
        const of = kept.get(instance) ?? { samples: [], each: 1, open: [] };
        kept.set(instance, of);
        take(of, { at, cpu, memoryBytes, ...(main === null ? {} : { main }) });
      }
    },
    read: () =>
      Object.fromEntries([...kept].map(([instance, { samples, open }]) => [instance, [...samples, ...merged(open)]])),
  };
}

function take(of: Kept, reading: UseSample): void {
  of.open.push(reading);
  if (of.open.length < of.each) return;
  of.samples.push(...merged(of.open));
  of.open = [];
  if (of.samples.length < MOST_SAMPLES) return;
  of.samples = of.samples.flatMap((_, at) => (at % 2 === 0 ? merged(of.samples.slice(at, at + 2)) : []));
  of.each *= 2;
}

function merged(readings: readonly UseSample[]): UseSample[] {
  const last = readings.at(-1);
  if (last === undefined) return [];
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const mains = readings.flatMap(({ main }) => main ?? []);
  return [
    {
      at: last.at,
      cpu: mean(readings.map(({ cpu }) => cpu)),
      memoryBytes: Math.max(...readings.map(({ memoryBytes }) => memoryBytes)),
      ...(mains.length === 0
        ? {}
        : { main: { ran: mean(mains.map(({ ran }) => ran)), waited: mean(mains.map(({ waited }) => waited)) } }),
    },
  ];
}
