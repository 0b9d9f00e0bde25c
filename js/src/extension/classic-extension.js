// nbclassic loads this when it opens a notebook: it says where the module of our widgets is.
define(() => {
  window.requirejs.config({ map: { "*": { _hyper_jupyter: "nbextensions/hyper_jupyter/index" } } });
  return { load_ipython_extension() {} };
});
