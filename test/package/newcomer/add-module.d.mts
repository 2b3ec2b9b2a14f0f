/** Does what the README says to a generated application: the import in the root module, and one class, with its test. */
export declare function addModule(application: string): Promise<void>;
