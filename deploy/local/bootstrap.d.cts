/** Types of `bootstrap.cjs`, for tests and other TypeScript. */
export const ROOT: string;
export const DIST: string;
export function checkNode(version?: string): void;
export function packagesAreCurrent(root?: string): boolean;
export function ensureBuild(): Promise<void>;
