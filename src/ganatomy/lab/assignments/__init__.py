"""The lab in its own form: assignments with blanks, and checks that name the mistake in one."""
