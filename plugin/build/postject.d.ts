/** postject 1.0.0-alpha.6 comes without types; what its README and dist/api.js say of the one function. */
declare module 'postject' {
  /** Puts a resource into an executable file, and sets the fuse in it that says so. */
  export function inject(
    file: string,
    resource: string,
    contents: Buffer,
    options: { readonly sentinelFuse: string },
  ): Promise<void>;
}
