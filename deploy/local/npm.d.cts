/** Types of `npm.cjs`, for tests. */
export interface Seen {
  readonly parent: number;
  readonly started: string;
  readonly command: string;
}
export function lookByPs(pid: number): Seen | undefined;
export function lookInProc(pid: number): Seen | undefined;
export function whenNpmEnds(then: () => void): void;
