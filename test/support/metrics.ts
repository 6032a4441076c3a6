import type { Part } from './stack';

/**
 * The value of one line of a process's `/metrics`, named as it is there, with its labels; 0 for a line that isn't there
 * yet, as for Prometheus.
 */
export async function metric({ healthUrl }: Pick<Part, 'healthUrl'>, line: string): Promise<number> {
  const text = await (await fetch(`${healthUrl}/metrics`)).text();
  const found = text.split('\n').find((one) => one.startsWith(`${line} `));
  return found === undefined ? 0 : Number(found.slice(line.length + 1));
}
