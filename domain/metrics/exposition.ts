/** Figures as monitoring systems read them: OpenMetrics 1.0, and the older text format 0.0.4 of Prometheus. */

export interface Family {
  /** Without `_total`, `_info`, `_bucket`. A unit is its last part. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'info';
  readonly unit?: 'seconds' | 'bytes' | 'ratio';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a histogram. */
  readonly part?: 'bucket' | 'sum' | 'count';
}

export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
export const PLAIN_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** OpenMetrics text. Families without a sample are left out. */
export function openMetrics(families: readonly Family[]): string {
  const lines = present(families).flatMap((family) => {
    const { name, type, unit, help } = family;
    const units = unit === undefined ? [] : [`# UNIT ${name} ${unit}`];
    return [`# TYPE ${name} ${type}`, ...units, `# HELP ${name} ${escaped(help)}`, ...family.samples.map(line(family))];
  });
  return `${lines.join('\n')}\n# EOF\n`;
}

/** The same for what does not read OpenMetrics: it knows no units and no infos, and a counter has its whole name everywhere. */
export function plainText(families: readonly Family[]): string {
  const lines = present(families).flatMap((family) => {
    const name = `${family.name}${suffixOf(family, {})}`;
    const type = family.type === 'info' ? 'gauge' : family.type;
    // Only in label values a quotation mark is escaped here.
    const help = family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...family.samples.map(line(family))];
  });
  return `${lines.join('\n')}\n`;
}

const present = (families: readonly Family[]): Family[] => families.filter(({ samples }) => samples.length > 0);

const line =
  (family: Family) =>
  (sample: Sample): string => {
    const labels = Object.entries(sample.labels).map(([name, value]) => `${name}="${escaped(value)}"`);
    return `${family.name}${suffixOf(family, sample)}{${labels.join(',')}} ${numberText(sample.value)}`;
  };

function suffixOf({ type }: Family, { part }: Pick<Sample, 'part'>): string {
  if (part !== undefined) return `_${part}`;
  return type === 'counter' ? '_total' : type === 'info' ? '_info' : '';
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

export const numberText = (value: number): string =>
  value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);
