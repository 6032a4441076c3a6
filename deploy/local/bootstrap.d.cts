/** What tests and other TypeScript use of `bootstrap.cjs`, which is plain JavaScript because it runs before the packages are there. */
export const ROOT: string;
export const DIST: string;
export function checkNode(version?: string): void;
export function packagesAreCurrent(root?: string): boolean;
export function ensureBuild(): Promise<void>;
