import { userInfo } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { inspect } from 'node:util';
import { hide } from './secrets';

/** Returns the result of `make`, or `otherwise` if it throws: for texts of errors and logs, which must not fail themselves. */
export function safely<T>(make: () => T, otherwise: T): T {
  try {
    return make();
  } catch {
    return otherwise;
  }
}

/**
 * Returns the message of whatever was thrown, without the secrets of this process. It never throws, whatever the value is: an
 * object without a prototype, an error whose message is a getter that throws, a symbol.
 */
export function messageOf(thrown: unknown): string {
  return hide(safely(() => rawMessage(thrown), 'an error that has no text'));
}

function rawMessage(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  const message = (thrown as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : inspect(thrown, { customInspect: false, depth: 1 });
}

/** How many causes of an error are shown. A chain of causes may be a circle. */
const MOST_CAUSES = 5;

/** Returns the stack of whatever was thrown, and those of its causes, without the secrets of this process. Never throws. */
export function stackOf(thrown: unknown): string {
  const lines: string[] = [];
  let one = thrown;
  for (let count = 0; count <= MOST_CAUSES; count++) {
    const error = one;
    const stack = safely(() => (error as { stack?: unknown } | null | undefined)?.stack, undefined);
    lines.push(`${count === 0 ? '' : 'cause: '}${typeof stack === 'string' ? hide(stack) : messageOf(error)}`);
    one = safely(() => (error as { cause?: unknown } | null | undefined)?.cause, undefined);
    if (one === undefined || one === null) break;
  }
  return lines.join('\n');
}

/** Returns the code of an error of the operating system or of a library, such as `ENOENT`. Never throws. */
export function codeOf(thrown: unknown): string | undefined {
  const code = safely(() => (thrown as { code?: unknown } | null | undefined)?.code, undefined);
  return typeof code === 'string' ? code : undefined;
}

/** Names the user of this process. A user id without an entry in the user database, usual in containers, is named by number. */
export function userName(): string {
  return safely(() => `user ${userInfo().username}`, `user with the id ${process.getuid?.() ?? '?'}`);
}

/**
 * Returns the whole path of a folder.
 *
 * @throws Error with a sentence for an operator, if the path is relative to a folder that no longer exists
 */
export function absolutePath(path: string): string {
  if (isAbsolute(path)) return path;
  try {
    return resolve(path);
  } catch {
    throw new Error('the folder in which the process was started no longer exists: use an absolute path');
  }
}
