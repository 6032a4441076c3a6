/** What we use of it: its own types aren't found by TypeScript's resolution for CommonJS. */
declare module 'libsql/promise' {
  class Database {
    constructor(path: string);
    /** Executes in a thread of the driver's own. */
    exec(sql: string): Promise<void>;
    close(): void;
  }
  export = Database;
}
