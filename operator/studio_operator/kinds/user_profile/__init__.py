"""UserProfile: a person, or a group of people, in a domain."""
