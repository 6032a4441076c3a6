import { join } from 'node:path';
import { DIST, ensureBuild } from '../../deploy/local/bootstrap.cjs';
import { askHost, hasHost } from './service/host-client';

/** For a hook that starts built processes: the first one of a run may build, and a busy machine may take minutes. */
export const FIRST_START_MS = 300_000;

let built: Promise<void> | undefined;

/** Builds `dist` unless it was built from these sources; in a run of Jest, whose workers share a host, once for all of them. */
export const ensureBuilt = (): Promise<void> => (built ??= hasHost() ? askHost('build') : ensureBuild());

/** Where a source file's built form is. */
export const builtFile = (source: string): string => join(DIST, source.replace(/\.ts$/, '.js'));
