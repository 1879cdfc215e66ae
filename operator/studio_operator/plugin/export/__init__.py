"""An estate that exists in AWS, as YAML that takes it over without changing anything."""
