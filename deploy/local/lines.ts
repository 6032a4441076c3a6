import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const COLOURS = [36, 32, 33, 35, 34, 96, 92];

/** Prints the lines of several processes, each line after the name of its process. */
export class Lines {
  private readonly names = new Map<string, string>();
  private readonly width: number;

  constructor(
    private readonly out: NodeJS.WritableStream,
    names: readonly string[],
    colour: boolean,
  ) {
    this.width = Math.max(...names.map((name) => name.length));
    names.forEach((name, index) => {
      const padded = `${name.padEnd(this.width)} |`;
      this.names.set(name, colour ? `\u001b[${COLOURS[index % COLOURS.length]}m${padded}\u001b[0m` : padded);
    });
  }

  print(name: string, text: string): void {
    this.out.write(`${this.names.get(name) ?? name} ${text}\n`);
  }

  /** Prints the output of a process, line by line. `keep` selects the lines. */
  follow(name: string, stream: Readable, keep: (line: string) => boolean): void {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      if (line.trim() !== '' && keep(line)) this.print(name, line);
    });
  }

  /** Prints text without a name. */
  plain(text: string): void {
    this.out.write(`${text}\n`);
  }
}
