return {
  ["reconcile"] = {
    ["disabled"] = false,
    ["displayName"] = "Reconcile",
    ["iconClass"] = "fa fa-fw fa-sync",
  },
}
