// Made by the build (js/second.mjs): the modules of the core that second modules need, by their names.

declare module "hyper-jupyter:core" {
  export const CORE: Record<string, object>;
}
