"""What the pages show and do, without Qt: presenters pull snapshots and give back frozen views."""
