import { kindOf, RepeatedLines } from '@cohort/process';
import { hide } from '@cohort/surroundings';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Lines of one kind and part that are printed within a minute. The processes of Cohort limit their own lines before. */
const PER_KIND = 60;
/** Lines of one kind that the launcher itself prints within a minute. */
const OWN_PER_KIND = 10;
const COLOURS = [36, 32, 33, 35, 34, 96, 92];

/** Prints the lines of several processes, each line after the name of its process, without secrets. It limits lines that repeat. */
export class Lines {
  private readonly names = new Map<string, string>();
  private readonly width: number;
  private readonly repeated = new RepeatedLines({ perKind: PER_KIND });
  private readonly own = new RepeatedLines({ perKind: OWN_PER_KIND });

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

  /** Prints a line of the launcher itself. */
  say(name: string, text: string): void {
    this.limited(this.own, name, text);
  }

  /** Prints the output of a process, line by line. `keep` selects the lines. */
  follow(name: string, stream: Readable, keep: (line: string) => boolean): void {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      if (line.trim() !== '' && keep(line)) this.limited(this.repeated, name, line);
    });
  }

  /** Prints how many lines are held now. */
  flush(): void {
    this.own.flush();
    this.repeated.flush();
  }

  /** Prints text without a name. */
  plain(text: string): void {
    this.out.write(`${hide(text)}\n`);
  }

  private limited(repeated: RepeatedLines, name: string, line: string): void {
    const report = (held: number): void => this.print(name, `${line} (held in the last minute: ${held} such lines)`);
    if (repeated.passes(`${name} ${kindOf(line)}`, report)) this.print(name, line);
  }

  private print(name: string, text: string): void {
    this.out.write(`${this.names.get(name) ?? name} ${hide(text)}\n`);
  }
}
