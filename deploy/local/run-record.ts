import { messageOf } from '@cohort/surroundings';
import { replaceFile, type DataDir } from './data-dir';
import { identify } from './processes';

const AGAIN_MS = 1_000;

export interface RunRecordParts {
  readonly dataDir: Pick<DataDir, 'path' | 'runFile' | 'note'>;
  /** The processes that run now. */
  readonly children: () => readonly number[];
  /** The content of `run.json`; undefined while not all parts have been ready. */
  readonly run: () => object | undefined;
  readonly say: (text: string) => void;
  readonly againMs?: number;
}

/**
 * Keeps `launcher.json` (the children of this process) and `run.json` (the serving parts and their addresses) up to date.
 * While `DATA_DIR` can't be written, it tries again, so that the files are right as soon as it can.
 */
export class RunRecord {
  private timer: NodeJS.Timeout | undefined;
  private failed = false;
  private stopped = false;

  constructor(private readonly parts: RunRecordParts) {}

  /** Writes the present state. Never throws. */
  update(): void {
    const { dataDir, children, run, say, againMs = AGAIN_MS } = this.parts;
    clearTimeout(this.timer);
    if (this.stopped) return;
    try {
      dataDir.note(children().flatMap((pid) => identify(pid) ?? []));
      const content = run();
      if (content !== undefined) replaceFile(dataDir.runFile, content);
      if (this.failed) say(`DATA_DIR ${dataDir.path} can be written again.`);
      this.failed = false;
    } catch (error) {
      if (!this.failed)
        say(`DATA_DIR ${dataDir.path} can't be written; run.json isn't up to date: ${messageOf(error)}`);
      this.failed = true;
      this.timer = setTimeout(() => this.update(), againMs).unref();
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
