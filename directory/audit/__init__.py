"""The audit log: a hash chain of all decisions and signatures that reveals any later change."""
