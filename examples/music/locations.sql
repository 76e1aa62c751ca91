-- Which locations use the site most?
select city || ', ' || state as location, count(*) as events, count(distinct session_id) as sessions
from page_view
where city is not null and state is not null
group by location
order by events desc, location
limit 10
