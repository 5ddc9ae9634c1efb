"""Reports read run folders and draw; they never touch the trainer."""
