import { join } from 'node:path';
import { DIST, ensureBuild } from '../../deploy/local/bootstrap.cjs';
import { askHost, hasHost } from './service/host-client';

let built: Promise<void> | undefined;

/** Builds `dist` unless it was built from these sources; in a run of Jest, whose workers share a host, once for all of them. */
export const ensureBuilt = (): Promise<void> => (built ??= hasHost() ? askHost('build') : ensureBuild());

/** Where a source file's built form is. */
export const builtFile = (source: string): string => join(DIST, source.replace(/\.ts$/, '.js'));
