"""Cloud Monitoring: who hears of what, alert policies, a budget."""
